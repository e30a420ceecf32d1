"""Conversations: read, check, play and export them. Imports no other room but outcomes and platforms."""
