/** A request as a rule sees it. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  /** With its question mark; empty without a query. */
  readonly query: string;
}

/** `before`: the server never sees the request. `after`: the server has done it, and the client does not learn so. */
export type Moment = 'before' | 'after';

/** What is done to a request that a rule is for. */
export type Fault =
  /** Another answer than the server's: a Status of Kubernetes, or `body` as `type`. */
  | {
      readonly kind: 'answer';
      readonly when?: Moment;
      readonly status: number;
      readonly reason?: string;
      /** Seconds. */
      readonly retryAfter?: number;
      readonly body?: string;
      readonly type?: string;
    }
  /** The connection is dropped. */
  | { readonly kind: 'drop'; readonly when: Moment }
  /** There is no answer, and the connection stays open. */
  | { readonly kind: 'hang'; readonly when: Moment }
  /** The answer begins, and ends in its middle: with the connection, or as if it were complete. */
  | { readonly kind: 'cut'; readonly looksComplete?: boolean }
  | { readonly kind: 'delay'; readonly ms: number }
  /** Something is done before the server gets the request, or before the client gets its answer. */
  | { readonly kind: 'call'; readonly when: Moment; readonly work: () => void | Promise<void> };

export interface Rule {
  readonly method?: string;
  /** For the path with its query. */
  readonly path: RegExp;
  readonly fault: Fault;
  /** How many requests it is for; without a number all. */
  readonly times?: number;
  /** How many requests of the kind pass first. */
  readonly skip?: number;
}

/** The event of an API server whose history does not reach back to a watch's resourceVersion. */
export const GONE: Fault = {
  kind: 'answer',
  status: 200,
  body: `${JSON.stringify({
    type: 'ERROR',
    object: { kind: 'Status', status: 'Failure', reason: 'Expired', code: 410, message: 'too old resource version' },
  })}\n`,
};

/** Rules in their order: the first that is for a request and not used up counts. */
export class Rules {
  readonly #rules: { readonly rule: Rule; left: number; skip: number }[] = [];

  add(rule: Rule): void {
    this.#rules.push({ rule, left: rule.times ?? Number.POSITIVE_INFINITY, skip: rule.skip ?? 0 });
  }

  clear(): void {
    this.#rules.length = 0;
  }

  take({ method, path, query }: Asked): Fault | undefined {
    const found = this.#rules.find(({ rule, left }) => {
      return left > 0 && (rule.method ?? method) === method && rule.path.test(path + query);
    });
    if (found === undefined) return undefined;
    if (found.skip > 0) {
      found.skip -= 1;
      return undefined;
    }
    found.left -= 1;
    return found.rule.fault;
  }
}
