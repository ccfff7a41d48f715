/** What a front end does with motcua, typed by nothing but its three OpenAPI documents. */
import createClient from "openapi-fetch";
import type { paths as Ingest } from "./made/ingest.ts";
import type { paths as Metrics } from "./made/metrics.ts";
import type { components, paths as Notices } from "./made/notices.ts";

type Inspection = components["schemas"]["InspectionBody"];

declare const process: { env: Record<string, string> };
const environment = process.env;
const client = <Paths extends {}>(service: string) =>
  createClient<Paths, "application/json" | "application/problem+json">({ baseUrl: environment[`${service}_URL`], headers: { "X-API-Key": environment[`${service}_KEY`] } });
const ingest = client<Ingest>("INGEST");
const metrics = client<Metrics>("METRICS");
const notices = client<Notices>("NOTICES");
const province = "30";
const period = { from: "2023-01-01", to: "2023-06-30" };

/** The answer of a call, or the problem that it met as an error. */
function demand<Answer>(call: { data?: Answer; error?: unknown }): Answer {
  if (call.data === undefined) throw new Error(JSON.stringify(call.error));
  return call.data;
}

async function until<Answer>(what: string, look: () => Promise<Answer | undefined>): Promise<Answer> {
  for (const end = Date.now() + 60_000; Date.now() < end; ) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${what} did not come`);
}

const pushed = demand(
  await ingest.POST("/v1/events", {
    params: { query: { source: "own-30" } },
    body: [
      {
        code: "000.00.19.H30-230615-0001",
        id: "1",
        at: "2023-06-20T09:00:00+07:00",
        status: "resolved",
        received_at: "2023-06-15T08:00:00+07:00",
        ended_at: "2023-06-19T16:00:00+07:00",
        agency: "294",
        channel: "online",
      },
    ],
  }),
);
if (pushed.accepted !== 1 || pushed.rejected.length > 0) throw new Error(JSON.stringify(pushed));

const list = "Mã hồ sơ,Ngày tiếp nhận,Hình thức nộp\n000.00.19.H30-230616-0002,16/06/2023 08:00,Trực tiếp\n";
const taken = demand(
  await ingest.POST("/v1/imports", {
    params: { query: { source: "files-30" } },
    headers: { "Content-Type": "text/csv" },
    body: list,
    bodySerializer: (body) => body,
  }),
);
if (taken.accepted !== 1) throw new Error(JSON.stringify(taken));

const answer = await until("the count", async () => {
  const { data } = await metrics.GET("/v1/kpis", { params: { query: { province, ...period } } });
  return data && data.total.kpis.received_new?.value === 2 ? data : undefined;
});
const share = answer.total.kpis.online_share;

const body: Inspection = JSON.parse(environment.INSPECTION);
const { id: number } = demand(await notices.POST("/v1/inspections", { body: { ...body, period } }));
let ordered = await notices.POST("/v1/inspections/{number}/notices", { params: { path: { number } } });
if (ordered.error && "reasons" in ordered.error) {
  const confirm = ordered.error.reasons.map((reason) => reason.kind);
  ordered = await notices.POST("/v1/inspections/{number}/notices", {
    params: { path: { number } },
    body: { confirm, reason: "Thử chương trình" },
  });
}
const order = demand(ordered);
const notice = await until("the notice", async () => {
  const { data } = await notices.GET("/v1/notices/{number}", { params: { path: { number: order.id } } });
  return data && "figures" in data ? data : undefined;
});

console.log(
  JSON.stringify({
    received_new: answer.total.kpis.received_new?.value,
    online_share: share && [share.numerator, share.denominator, share.value],
    printed: Object.values(notice.figures).map((figure) => figure.printed).includes("01"),
    sections: notice.sections.length,
  }),
);
