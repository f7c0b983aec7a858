"""合力示例集团: a company invented from one seed, the same on every machine, its dates fresh on the day of loading."""
