"""Tables: what is printed in their cells, and what rows and columns claim of one another."""
