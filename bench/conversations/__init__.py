"""Conversations by the hundred at once, each call twice, while web is killed: is any answer lost?"""
