/**
 * The public API as text: one report in etc/ per entry of package.json#exports.
 *
 *   node scripts/api.mjs          rewrites the reports          (npm run api)
 *   node scripts/api.mjs --check  fails if one is out of date   (npm run api:check)
 *
 * Undocumented exports, missing release tags, broken TSDoc and types that a reader needs but cannot
 * import are errors in both.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import ts from 'typescript';
import { inheritedDocs } from './inherited-docs.mjs';
import { entriesOf, ROOT } from './package.mjs';

const REPORTS = join(ROOT, 'etc');
const check = process.argv.includes('--check');

const entries = entriesOf().map((entry) => ({ ...entry, report: reportName(entry.subpath) }));
const hasInheritedDocs = inheritedDocs();
const common = new Set(exportsOf(join(ROOT, entries[0].types)));
const failed = [...entries.filter((entry) => !extract(entry)), ...strays()];
process.exitCode = failed.length === 0 ? 0 : 1;

/** Writes or compares one report; false if it is out of date or something in it is wrong. */
function extract({ subpath, types, report }) {
  mkdirSync(REPORTS, { recursive: true });
  const { errorCount, apiReportChanged } = Extractor.invoke(configFor(types, report), {
    localBuild: !check,
    messageCallback: (message) => judge(message, subpath),
  });
  const stale = check && apiReportChanged;
  const verdict = stale ? "out of date: run 'npm run api' and review the difference" : 'ok';
  const name = join('etc', `${report}.api.md`);
  console.log(`${name}: ${errorCount > 0 ? `${errorCount} error(s)` : verdict}`);
  return errorCount === 0 && !stale;
}

function configFor(types, report) {
  const path = join(ROOT, 'api-extractor.json');
  const configObject = ExtractorConfig.loadFile(path);
  configObject.mainEntryPointFilePath = join(ROOT, types);
  configObject.apiReport.reportFileName = `${report}.api.md`;
  return ExtractorConfig.prepare({
    configObject,
    configObjectFullPath: path,
    packageJsonFullPath: join(ROOT, 'package.json'),
  });
}

/** Lets pass what is no problem here; says everything else in one line. */
function judge(message, subpath) {
  message.handled = true;
  if (message.messageId.startsWith('console-') && message.logLevel !== 'error') {
    message.logLevel = 'none';
  }
  if (isAtHand(message, subpath) || isDocumented(message)) message.logLevel = 'none';
  if (message.logLevel !== 'error') return;
  const line = message.sourceFileLine === undefined ? '' : `:${message.sourceFileLine}`;
  const where = message.sourceFilePath ? `${relative(ROOT, message.sourceFilePath)}${line}: ` : '';
  console.error(`${where}${message.messageId}: ${message.text}`);
}

/** A type that the main entry exports need not be exported again. */
function isAtHand({ messageId, text }, subpath) {
  if (messageId !== 'ae-forgotten-export' || subpath === '.') return false;
  return common.has(/The symbol "([^"]+)" needs/.exec(text)?.[1]);
}

/** A member that overrides a documented one inherits its text. */
function isDocumented({ messageId, text, sourceFilePath, sourceFileLine }) {
  if (messageId !== 'ae-undocumented' || sourceFilePath === undefined) return false;
  const name = /Missing documentation for "([^"]+)"/.exec(text)?.[1];
  return hasInheritedDocs(sourceFilePath, sourceFileLine, name);
}

/** Reports of entries that are no more. */
function strays() {
  const known = new Set(entries.map(({ report }) => `${report}.api.md`));
  const found = readdirSync(REPORTS).filter((name) => name.endsWith('.api.md') && !known.has(name));
  for (const name of found) {
    if (check) console.error(`etc/${name}: no entry has this report; run 'npm run api'`);
    else rmSync(join(REPORTS, name));
  }
  return check ? found : [];
}

/** Names that a built entry exports. */
function exportsOf(path) {
  const program = ts.createProgram([path], {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    skipLibCheck: true,
    noEmit: true,
  });
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(path);
  const symbol = file && checker.getSymbolAtLocation(file);
  if (symbol === undefined) throw new Error(`${path} is missing: run 'npm run build' first`);
  return checker.getExportsOfModule(symbol).map(({ name }) => name);
}

function reportName(subpath) {
  return subpath === '.' ? 'logical-units' : subpath.slice(2).replaceAll('/', '-');
}
