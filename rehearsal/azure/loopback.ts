/** Addresses of the loopback network (127.0.0.0/8): one for each cache, so that all can have Azure's own ports. */
import { randomInt } from "node:crypto";

/** One of 16 million, so that test files that run at once do not meet; never in 127.0.0.0/16, where others listen. */
export const randomLoopback = (): string =>
  `127.${randomInt(1, 255)}.${randomInt(0, 256)}.${randomInt(1, 255)}`;
