"""Who may enter the console: accounts, roles, passwords, second factors, sessions and invitations."""
