"""The location link: a page on which a customer shows where the installation is to be."""
