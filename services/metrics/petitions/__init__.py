"""Petitions (phản ánh, kiến nghị): what became of each, without the person who sent it, and whether it was handled in time."""
