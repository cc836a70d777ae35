/** Lets a copy of the project use an image that a test's own engine has made: no digest is that of such an image. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

export async function useLocalImage(root: string): Promise<void> {
  await writeFile(join(root, "infra/caches/docker/Dockerfile"), "FROM redis:7-alpine\n");
}
