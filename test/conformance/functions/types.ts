/**
 * How a function of the recording is called here.
 */

/** Arguments by their recorded names; `context` is what else the function sees. */
export type FunctionCall = (args: FunctionArgs, context: FunctionArgs) => unknown;

/** Values as JSON has them; what they are is known to whoever names them. */
// biome-ignore lint/suspicious/noExplicitAny: each row's function knows the shape of its arguments.
export type FunctionArgs = Readonly<Record<string, any>>;

/** A table: function names, and what is called for them. */
export type FunctionTable = Readonly<Record<string, FunctionCall>>;
