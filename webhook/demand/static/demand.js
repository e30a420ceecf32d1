"use strict";
// Draws the cells. Everything it tells stands in the file; only the pictures come from the tile services.

const data = JSON.parse(document.getElementById("data").textContent);
const WITH_NUMBER = 100; // cells, those with most refusals
const NEAR = 13; // from this zoom on numbers do not cover each other

function pairs(flat) {
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]);
}

function layer(name) {
  return L.tileLayer(data.tiles[name], { maxZoom: 19, attribution: data.credits[name], referrerPolicy: "origin" });
}

function style(cell) {
  const line = { color: "#fff", weight: cell.fine ? 1 : 2, dashArray: cell.fine ? null : "6 6" };
  if (!cell.no) return { ...line, fillColor: "#fff", fillOpacity: 0.15 };
  const strength = cell.fine ? 0.4 + (0.5 * cell.no) / data.most : 0.15;
  return { ...line, fillColor: data.colours[cell.why[0][0]], fillOpacity: strength };
}

function about(cell) {
  const box = document.createElement("div");
  const line = (text) => {
    const p = box.appendChild(document.createElement("p"));
    p.textContent = text;
    return p;
  };
  line(`${cell.no} sem fibra, de ${cell.all} conversas`);
  for (const [why, times] of cell.why) line(`${data.words[why]}: ${times}`);
  const link = line("").appendChild(document.createElement("a"));
  link.href = cell.link;
  link.rel = "noreferrer";
  link.textContent = "Ver no mapa";
  return box;
}

// Leaflet's own word is English.
function translated({ popup }) {
  popup.getElement().querySelector(".leaflet-popup-close-button").setAttribute("aria-label", "Fechar");
}

const satellite = layer("satellite");
const map = L.map("map", { preferCanvas: true, layers: [satellite], scrollWheelZoom: false, zoomControl: false });
map.attributionControl.setPrefix(false);
L.control.zoom({ zoomInTitle: "Aproximar", zoomOutTitle: "Afastar" }).addTo(map);
L.control.layers({ "Satélite": satellite, "Mapa": layer("map") }, null, { collapsed: false }).addTo(map);

const drawn = data.cells.map((cell) => L.polygon(pairs(cell.at), style(cell)).bindPopup(() => about(cell)));
const refused = drawn.filter((_, i) => data.cells[i].no && data.cells[i].fine);
map.fitBounds(L.featureGroup(refused.length ? refused : drawn).getBounds(), { maxZoom: 15, padding: [10, 10] });
// A small cell lies above the larger one around it.
for (const fine of [false, true]) drawn.forEach((polygon, i) => data.cells[i].fine === fine && polygon.addTo(map));
data.cells.slice(0, WITH_NUMBER).forEach((cell, i) => {
  if (cell.no && cell.fine) drawn[i].bindTooltip(String(cell.no), { permanent: true, direction: "center", className: "count" });
});
const zoomed = () => document.getElementById("map").classList.toggle("far", map.getZoom() < NEAR);
map.on("zoomend", zoomed);
map.on("popupopen", translated);
zoomed();
