"""What services say to one another and to whoever asks them: the types of the JSON that crosses a border, and nothing else."""
