/** `propiq:index:LocalPassword`: a random password for a Redis of this machine. It lives in the state alone, as a secret. */
import { randomBytes } from "node:crypto";
import type { ResourceType } from "../protocol/resource.ts";

type LocalPasswordInputs = Record<never, never>;
export interface LocalPasswordOutputs {
  /** Of characters that every reader of an env file, a URL and redis.conf take as they are. */
  password: string;
}

const BYTES = 32;

/** A replacement makes a new password: `pulumi up --replace`, as `rotate` runs it. */
export const localPassword: ResourceType<LocalPasswordInputs, LocalPasswordOutputs> = {
  type: "propiq:index:LocalPassword",
  inputs: {},
  outputs: { password: "string" },
  secrets: ["password"],
  replaceOn: [],

  refuseOutputs: ({ password }) => (password ? [] : [{ property: "password", reason: "is missing" }]),

  async create() {
    return { id: "local-password", outputs: { password: randomBytes(BYTES).toString("base64url") } };
  },
  async read(_id, state) {
    return state;
  },
  async update(_id, { password }) {
    return { password };
  },
  async delete() {},
};
