"""Files of petitions (phản ánh, kiến nghị): read here, by the same reader as lists of dossiers, and stored by metrics."""
