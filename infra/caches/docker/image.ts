/** The image of plan `docker`, as the Dockerfile beside this file pins it: a form that Dependabot can renew. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export function redisImage(): string {
  return imageIn(readFileSync(join(import.meta.dirname, "Dockerfile"), "utf8"));
}

/** The tag beside a digest tells Dependabot what to look for. Docker takes the digest, and its provider not always both. */
export function imageIn(text: string): string {
  const [, image] = /^FROM (\S+)$/m.exec(text) ?? [];
  if (image === undefined) throw new Error("infra/caches/docker/Dockerfile names no image");
  return image.replace(/:[^:@/]+(?=@)/, "");
}
