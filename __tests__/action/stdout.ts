/** Captures what each test of a suite writes to standard output, and resets the exit code after it. */
export function captureOutput(): { text(): string } {
  const { write } = process.stdout;
  let text = '';
  beforeEach(() => {
    text = '';
    process.stdout.write = (chunk: Uint8Array | string) => {
      text += chunk;
      return true;
    };
  });
  afterEach(() => {
    process.stdout.write = write;
    process.exitCode = undefined;
  });
  return { text: () => text };
}
