"""People and how they sign in: users, teams, sessions, passwords, second factors, tokens."""
