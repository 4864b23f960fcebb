"""The people's door: pages for staff and operators. It shows what the other rooms know and decides nothing itself."""
