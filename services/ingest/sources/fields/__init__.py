"""Fields of foreign records: which are kept, and how codes, dates and words are read."""
