import { describe, expect, it } from "vitest";
import { container } from "./container.ts";
import { remoteImage } from "./image.ts";
import { readFields } from "./sdk-types.ts";

describe("readFields", () => {
  it("reads what the SDK takes for a container, at every depth", () => {
    const { image, name, ports, healthcheck, tmpfs } = container.fields;
    expect(image).toEqual({ required: true, shape: { kind: "string" } });
    expect(name).toEqual({ required: false, shape: { kind: "string" } });
    expect(tmpfs?.shape).toEqual({ kind: "map", item: { kind: "string" } });
    expect(ports?.shape).toMatchObject({
      kind: "list",
      item: { kind: "object", fields: { internal: { required: true, shape: { kind: "number" } } } },
    });
    expect(healthcheck?.shape).toMatchObject({
      kind: "object",
      fields: { tests: { required: false, shape: { kind: "list", item: { kind: "string" } } } },
    });
  });

  it.each([container, remoteImage])(
    "knows every input that the stand-in knows: $type",
    ({ fields, properties }) => {
      expect(Object.keys(fields)).toEqual(expect.arrayContaining(Object.keys(properties)));
    },
  );

  it("says so where the SDK has no such interface", () => {
    expect(() => readFields("container.d.ts", "Contained")).toThrow(
      /no interface Contained in container\.d\.ts/,
    );
  });
});
