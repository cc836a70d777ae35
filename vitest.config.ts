import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Journeys start real engines and servers: long enough that only a hang ends in a time-out.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    // Journeys mostly wait for processes of their own: as many as there are cores, not one less.
    maxWorkers: 2,
    restoreMocks: true,
    unstubEnvs: true,
  },
});
