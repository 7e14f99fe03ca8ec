"""The directory: people, groups and computers in Active Directory or OpenLDAP."""
