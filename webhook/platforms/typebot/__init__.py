"""Typebot: its platform, how its chats show a text, and the loop as a file that it imports."""
