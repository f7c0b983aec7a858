"""The process engine without Django: what a definition says, whether it is sound, and what one event does to an instance."""
