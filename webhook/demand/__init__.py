"""Where customers ask for fibre: counts it in the web's processes, and tells it to the operator."""
