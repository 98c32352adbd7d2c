"""Every read that a staff page makes. Lists go by cursor (the id of the last row shown) and decrypt no other rows."""
