"""Words of sources that nobody knows: which, in how many dossiers and waiting records, and how to say what they mean."""
