/** What is written to standard output from now on; nothing of it gets there until `end`. */
export function captureStdout(): { text(): string; end(): void } {
  const { write } = process.stdout;
  let text = '';
  process.stdout.write = (chunk: Uint8Array | string) => {
    text += chunk;
    return true;
  };
  return {
    text: () => text,
    end: () => {
      process.stdout.write = write;
    },
  };
}
