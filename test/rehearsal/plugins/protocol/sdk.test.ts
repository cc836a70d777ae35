import { describe, expect, it } from "vitest";
import { sdk as azureNative } from "../../../../rehearsal/plugins/azure-native/sdk.ts";
import { container } from "../../../../rehearsal/plugins/docker/container.ts";
import { remoteImage } from "../../../../rehearsal/plugins/docker/image.ts";
import { sdk as docker } from "../../../../rehearsal/plugins/docker/sdk.ts";
import type { Fields, Shape } from "../../../../rehearsal/plugins/protocol/sdk.ts";
import { sdk as upstash } from "../../../../rehearsal/plugins/upstash/sdk.ts";

const string = { kind: "string" };
const required = (shape: object) => ({ required: true, shape });
const optional = (shape: object) => ({ required: false, shape });
/** The fields of an object, of the objects in a list, or of each choice. */
const inside = (shape: Shape | undefined): Fields[] => {
  if (shape?.kind === "object") return [shape.fields()];
  if (shape?.kind === "list") return inside(shape.item);
  return shape?.kind === "union" ? shape.choices.flatMap(inside) : [];
};

describe("readArgs", () => {
  it("reads what the SDK takes for a container, at every depth", () => {
    const { image, name, ports, healthcheck, tmpfs } = container.fields;
    expect(image).toEqual(required(string));
    expect(name).toEqual(optional(string));
    expect(tmpfs).toEqual(optional({ kind: "map", item: string }));
    expect(ports?.shape.kind).toBe("list");
    expect(inside(ports?.shape)).toMatchObject([{ internal: required({ kind: "number" }) }]);
    expect(inside(healthcheck?.shape)).toMatchObject([{ tests: optional({ kind: "list", item: string }) }]);
  });

  it("finds objects in namespaces, and treats enumerations as open", () => {
    const { sku } = azureNative.readArgs("redis/redis.d.ts", "RedisArgs");
    expect(sku?.required).toBe(true);
    expect(inside(sku?.shape)).toEqual([
      { capacity: required({ kind: "number" }), family: required(string), name: required(string) },
    ]);
  });

  it("lists the choices where an input may be one of several objects", () => {
    const { criteria } = azureNative.readArgs("monitor/metricAlert.d.ts", "MetricAlertArgs");
    const value = "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria";
    expect(inside(criteria?.shape).map(({ odataType }) => odataType)).toContainEqual(
      required({ kind: "literal", value }),
    );
  });

  it("reads an older SDK, which says less of what may be absent", () => {
    const { databaseName, readRegions } = upstash.readArgs("redisDatabase.d.ts", "RedisDatabaseArgs");
    expect(databaseName).toEqual(required(string));
    expect(readRegions).toEqual(optional({ kind: "list", item: string }));
    expect(upstash.version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it.each([container, remoteImage])(
    "knows every input that the stand-in knows: $type",
    ({ fields, properties }) => {
      expect(Object.keys(fields)).toEqual(expect.arrayContaining(Object.keys(properties)));
    },
  );

  it("says so where the SDK has no such interface", () => {
    expect(() => docker.readArgs("container.d.ts", "Contained")).toThrow(
      /container\.d\.ts has no interface Contained/,
    );
  });
});
