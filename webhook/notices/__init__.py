"""Telling the customer of a Huggy chat what they wait for, without being asked again."""
