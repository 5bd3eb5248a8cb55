/** Something in config.yml that must not be, and what to do about it. */
export interface GuardProblem {
  readonly what: string;
  readonly remedy: string;
}
