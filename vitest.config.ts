import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Journeys start real engines and servers: long enough that only a hang ends in a time-out.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    // Journeys mostly wait for apps and clouds: on two cores three take three quarters of the time of two.
    maxWorkers: 3,
    restoreMocks: true,
    unstubEnvs: true,
  },
});
