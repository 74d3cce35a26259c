/** What a test decides about the stand-in providers, and what it can ask them: failures, attempts that are held up, a log, listeners. */
import type { PlainMap } from "../../../../src/rehearsal/monitor/recording";

export type Operation = "create" | "update" | "delete";

/** Something that a provider is asked to do. */
export interface Attempt {
  readonly operation: Operation;
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  /** Empty before the creation. */
  readonly id: string;
  /** Without marks. Of a deletion: the last ones. */
  readonly inputs: PlainMap;
  readonly isPreview: boolean;
}

/** An attempt with its place in the order of things: attempts overlap when one starts before the other ends. */
export interface LoggedAttempt extends Attempt {
  readonly start: number;
  /** Undefined while it goes on. */
  readonly end: number | undefined;
  readonly error: string | undefined;
}

/** A finished change of something real. */
export interface Change extends Attempt {
  /** Without marks. Of a deletion: the last ones. */
  readonly outputs: PlainMap;
  /** The inputs until now; undefined for a creation. */
  readonly inputsBefore: PlainMap | undefined;
}

/** A pattern is held against `operation type name`, such as `create aws:eks/nodeGroup:NodeGroup a100`. */
export type Matcher = RegExp | ((attempt: Attempt) => boolean);

type Listener = (change: Change) => void | Promise<void>;

export class Controls {
  private readonly failures = new Set<Matcher>();
  private readonly holds = new Map<Matcher, Promise<void>>();
  private readonly listeners = new Map<string, Listener[]>();
  private readonly attempts: LoggedAttempt[] = [];
  private clock = 0;

  /** Makes attempts fail, previews excepted. @returns what ends it. */
  failOn(matcher: Matcher): () => void {
    this.failures.add(matcher);
    return () => this.failures.delete(matcher);
  }

  /** Holds attempts up before they do anything, previews excepted, until what it returns is called. */
  hold(matcher: Matcher): () => void {
    let release: () => void = () => undefined;
    this.holds.set(matcher, new Promise((resolve) => (release = resolve)));
    return () => {
      this.holds.delete(matcher);
      release();
    };
  }

  /** Calls a listener after every change of something of a type, and waits for it before the engine hears of the change. */
  onChange(type: string, listener: Listener): void {
    this.listeners.set(type, [...(this.listeners.get(type) ?? []), listener]);
  }

  /** Everything attempted, in the order of its start. */
  get log(): readonly LoggedAttempt[] {
    return this.attempts;
  }

  /** Attempts that have begun and not ended. */
  get pending(): readonly LoggedAttempt[] {
    return this.attempts.filter(({ end }) => end === undefined);
  }

  /** What was really done, previews and failures left out. */
  get done(): readonly LoggedAttempt[] {
    return this.attempts.filter(({ isPreview, end, error }) => !isPreview && end !== undefined && error === undefined);
  }

  forgetLog(): void {
    this.attempts.length = 0;
  }

  /** Does what is attempted, under the test's conditions. @param act answers what listeners hear of. */
  async perform<Result>(
    attempt: Attempt,
    act: () => { readonly result: Result; readonly change: Omit<Change, keyof Attempt> & { readonly id: string } },
  ): Promise<Result> {
    const index = this.attempts.push({ ...attempt, start: this.clock++, end: undefined, error: undefined }) - 1;
    const close = (error?: string) => {
      this.attempts[index] = { ...attempt, start: this.attempts[index]?.start ?? 0, end: this.clock++, error };
    };
    try {
      if (!attempt.isPreview) {
        await this.holdBack(attempt);
      }
      const { result, change } = act();
      if (!attempt.isPreview) {
        for (const listener of this.listeners.get(attempt.type) ?? []) {
          await listener({ ...attempt, ...change });
        }
      }
      close();
      return result;
    } catch (error) {
      close(error instanceof Error ? error.message : String(error));
      throw error;
    }
  }

  private async holdBack(attempt: Attempt): Promise<void> {
    await Promise.all([...this.holds].filter(([matcher]) => matches(matcher, attempt)).map(([, released]) => released));
    if ([...this.failures].some((matcher) => matches(matcher, attempt))) {
      throw new Error(`${attempt.operation} of ${attempt.type} ${attempt.name} fails because the test says so`);
    }
  }
}

function matches(matcher: Matcher, attempt: Attempt): boolean {
  return matcher instanceof RegExp ? matcher.test(`${attempt.operation} ${attempt.type} ${attempt.name}`) : matcher(attempt);
}
