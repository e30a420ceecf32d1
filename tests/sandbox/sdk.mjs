// The official SDK against the sandbox at argv[2]: what a client written by others does.
import assert from "node:assert/strict";
import ozmap from "@ozmap/ozmap-sdk";

const {
  OZMapSDK, BasePointSchema, BoxSchema, PoleSchema, PoleTypeSchema, ProjectSchema, PropertySchema,
  ProspectSchema, SplitterSchema, TagSchema,
} = { OZMapSDK: ozmap.default, ...ozmap };
const [url, lat, lng] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const equal = (property, value) => [{ property, operator: "=", value }];
const check = (schema, rows) => rows.forEach((row) => schema.parse(row));

// Without a key the first call is a 401, then the SDK logs in and repeats it.
const sdk = new OZMapSDK(url, { login: "demo", password: "demo" });
await assert.rejects(
  new OZMapSDK(url, { login: "demo", password: "wrong" }).tag.find(),
  (answer) => answer.status === 401,
);

// Lists: one page, all pages (the SDK follows nextUrl), the rows' shapes.
const poles = await sdk.pole.find({ limit: 50, page: 2, sorter: [{ property: "name", direction: 1 }] });
assert.deepEqual([poles.count, poles.start, poles.limit, poles.hasNextPage], [50, 50, 50, true]);
// The SDK's Pole wants kind "POLE"; documented rows, and so ours, say "Pole".
check(PoleSchema, poles.rows.map((pole) => ({ ...pole, kind: "POLE" })));
const all = await sdk.pole.findAll({ batchSize: 400 });
assert.equal(all.length, poles.total);
assert.equal(new Set(all.map((pole) => pole.id)).size, poles.total);
check(BasePointSchema, await sdk.basePoint.findAll({ batchSize: 500 }));
check(PoleTypeSchema, await sdk.poleType.findAll());
check(ProjectSchema, await sdk.project.findAll());
check(TagSchema, await sdk.tag.findAll());
// A box without boxType is documented (box_row.json), but the schema does not have it.
const boxes = await sdk.box.findAll({ filter: [{ property: "boxType", operator: "exists", value: true }] });
check(BoxSchema, boxes);
// `ports` may be missing and have no index (splitter.json), where the schema wants both.
check(SplitterSchema.omit({ ports: true }), await sdk.splitter.findAll());

// By id, and the feasibility of a place.
const near = await sdk.pole.find({
  limit: 1, filter: [{ property: "coords", operator: "near", value: { lat, lng, radius: 100 } }],
});
assert.equal((await sdk.pole.findById(near.rows[0].id)).name, near.rows[0].name);
assert.equal(await sdk.pole.findById("5da61d67493d9c0006665408"), null);
const { boxes: [found] } = await sdk.apiInstance.get({
  route: "ftth-viability/radius", options: { params: { lat, lng, radius: 60 } },
});

// A property with its client, on the first free port; then the client alone, then all of it gone.
const made = await sdk.property.create({
  project: found.project, box: found.id, address: "Rua Dona Marina, 1", coords: [lng, lat],
  auto_connect: true, client: { code: "SDK-1", name: "Maria", implanted: false },
});
const property = await sdk.property.findById(made.id);
assert.equal(property.client.id, made.client);
assert.equal(property.connections.length, 1);
// The schema knows clients of kind "FTTHClient"; documented ones say "ftth".
PropertySchema.parse({ ...property, client: { ...property.client, kind: "FTTHClient" } });
const splitter = await sdk.splitter.findById(property.connections[0].id);
assert.equal(splitter.connectables.output[property.connections[0].port - 1], property.connections[0].fiber);
await sdk.ftthClient.updateById(made.client, { implanted: true });
await sdk.ftthClient.batchUpdate(equal("code", "SDK-1"), { status: 1 });
const client = await sdk.ftthClient.findOne({ filter: equal("code", "SDK-1") });
assert.deepEqual([client.id, client.implanted, client.status], [made.client, true, 1]);
await sdk.property.batchUpdate(equal("id", made.id), { potencyRead: -21.5 });
await sdk.property.updateById(made.id, { observation: "portão azul" });
const changed = await sdk.property.findById(made.id);
assert.deepEqual([changed.potencyRead, changed.observation], [-21.5, "portão azul"]);
await sdk.property.deleteById(made.id);
assert.equal(await sdk.property.findById(made.id), null);
assert.equal(await sdk.ftthClient.findById(made.client), null);

// A prospect with a tag that is found by its name.
const tag = await sdk.tag.findOne({ filter: equal("name", "Sem viabilidade") });
assert.ok(tag.allowedTypes.includes("prospect"));
const prospect = await sdk.prospect.create({ name: "João", phone: "48 90000-0000", tags: [tag.id], coords: [lng, lat] });
ProspectSchema.parse(prospect);
await sdk.prospect.updateById(prospect.id, { observation: "ligar à noite" });
assert.equal((await sdk.prospect.findById(prospect.id)).observation, "ligar à noite");
await sdk.prospect.deleteById(prospect.id);
assert.equal(await sdk.prospect.findById(prospect.id), null);

// The network itself: a pole, a box on it, a splitter in that.
const pole = await sdk.pole.create({ poleType: near.rows[0].poleType, coords: [lng, lat], adjacents: [near.rows[0].id] });
assert.ok((await sdk.pole.findById(near.rows[0].id)).adjacents.includes(pole.id));
const box = await sdk.box.create({
  project: found.project, boxType: boxes[0].boxType, hierarchyLevel: 3, implanted: false, pole: pole.id, coords: [lng, lat],
});
const inside = await sdk.splitter.create({
  parent: box.id, splitterType: splitter.splitterType, isDrop: true, implanted: false, name: "Splitter 1",
});
assert.equal(inside.connectables.output.length, splitter.connectables.output.length);
await sdk.box.updateById(box.id, { implanted: true });
assert.equal((await sdk.box.findById(box.id)).implanted, true);
await sdk.splitter.deleteById(inside.id);
await sdk.box.deleteById(box.id);
await sdk.pole.deleteById(pole.id);
assert.equal(await sdk.pole.findById(pole.id), null);
console.log(`${all.length} poles, ${boxes.length} boxes`);
