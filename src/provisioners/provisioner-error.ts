/**
 * An error of a provisioner: what failed, on which host, and what to check. No part of it holds a secret. `code` is
 * stable and in kebab-case.
 */
export class ProvisionerError extends Error {
  readonly code: string;
  readonly host: string;
  readonly hint: string;

  constructor(code: string, message: string, options: { host: string; hint: string; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ProvisionerError';
    this.code = code;
    this.host = options.host;
    this.hint = options.hint;
  }
}
