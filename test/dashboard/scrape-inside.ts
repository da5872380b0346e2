/** Runs in the namespace of a node: reads the metrics that only the node reaches. */
import { answerCalls } from '../support/calls';

answerCalls({
  metrics: async (url: string) => (await fetch(url)).text(),
});
