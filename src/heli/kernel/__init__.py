"""The kernel: words, errors, identifiers, time, money and registries. It has no models and knows no other layer."""
