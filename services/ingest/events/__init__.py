"""The canonical event: what a source stated of one dossier at one moment, and why a record may not become one."""
