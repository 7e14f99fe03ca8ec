"""File servers over SMB: folders and who may do what in them."""
