/** A stand-in for the app's database, as slow as the real one was measured to be. Its changes last while it runs. */
import { setTimeout as sleep } from "node:timers/promises";

const PROFILE_MS = 500;
const ANALYSES_MS = 300;
const DASHBOARD_MS = 2000;
const WRITE_MS = 20;

export interface Profile {
  userId: string;
  name: string;
  updates: number;
}
export interface Analysis {
  id: number;
  userId: string;
  address: string;
  score: number;
}
export interface Dashboard {
  userId: string;
  name: string;
  analyses: number;
  bestScore: number;
}

export class Database {
  readonly #profiles = new Map<string, Profile>();
  readonly #analyses = new Map<string, Analysis[]>();
  #calls = 0;

  /** Queries so far, of all kinds but writes. */
  get calls(): number {
    return this.#calls;
  }

  async profile(userId: string): Promise<Profile> {
    await this.#query(PROFILE_MS);
    return this.#profileOf(userId);
  }

  async analyses(userId: string): Promise<Analysis[]> {
    await this.#query(ANALYSES_MS);
    return this.#analysesOf(userId);
  }

  async dashboard(userId: string): Promise<Dashboard> {
    await this.#query(DASHBOARD_MS);
    const analyses = this.#analysesOf(userId);
    const bestScore = Math.max(...analyses.map(({ score }) => score));
    return { userId, name: this.#profileOf(userId).name, analyses: analyses.length, bestScore };
  }

  /** The users whose dashboards are asked for most. */
  mostActive(): string[] {
    return ["1", "2", "3"];
  }

  async rename(userId: string, name: string): Promise<Profile> {
    await sleep(WRITE_MS);
    const profile = { userId, name, updates: this.#profileOf(userId).updates + 1 };
    this.#profiles.set(userId, profile);
    return profile;
  }

  async analyse(userId: string, address: string): Promise<Analysis> {
    await sleep(WRITE_MS);
    const before = this.#analysesOf(userId);
    const analysis = { id: before.length + 1, userId, address, score: scoreOf(address) };
    this.#analyses.set(userId, [...before, analysis]);
    return analysis;
  }

  async #query(takesMs: number): Promise<void> {
    this.#calls += 1;
    await sleep(takesMs);
  }

  #profileOf(userId: string): Profile {
    return this.#profiles.get(userId) ?? { userId, name: `User ${userId}`, updates: 0 };
  }

  #analysesOf(userId: string): Analysis[] {
    const ADDRESSES = ["1 Elm Street", "2 Oak Avenue", "3 Pine Road"];
    return (
      this.#analyses.get(userId) ??
      ADDRESSES.map((address, at) => ({ id: at + 1, userId, address, score: scoreOf(address) }))
    );
  }
}

/** From 0 to 99. */
function scoreOf(address: string): number {
  return [...address].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 100, 7);
}
