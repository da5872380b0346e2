/** The far end of {@link Inside}: functions that a test calls in another process, one line of JSON each way. */
import { createInterface } from 'node:readline';

/** Answer calls until the input ends. */
export function answerCalls(functions: Readonly<Record<string, (...parameters: never[]) => unknown>>): void {
  const lines = createInterface({ input: process.stdin });
  lines.on('close', () => process.exit());
  lines.on('line', async (line) => {
    const { name, parameters } = JSON.parse(line);
    let answer: object;
    try {
      answer = { result: (await functions[name](...(parameters as never[]))) ?? null };
    } catch (error) {
      const { message, name: kind } = error as Error;
      answer = { failed: { ...(error as object), message, name: kind } };
    }
    process.stdout.write(JSON.stringify(answer) + '\n');
  });
}
