"""The claims of a text: each kind of statement about figures becomes an equation, in every reading that its wording allows."""
