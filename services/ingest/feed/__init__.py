"""The feed: versions of dossiers in order of commit, without a gap."""
