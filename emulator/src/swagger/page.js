// Starts Swagger UI and authorizes it with the primary key, if the portal gives it to whoever looks.

/** The primary key, or nothing where the portal asks for the control token first. */
async function demoKey() {
  const headers = { "x-agglestone-portal": "1" };
  const response = await fetch("/portal/api/keys/primary/reveal", { method: "POST", headers });
  return response.ok ? (await response.json()).apiKey : undefined;
}

const key = await demoKey();
const ui = window.SwaggerUIBundle({
  url: "/openapi.json",
  domNode: document.getElementById("swagger"),
  deepLinking: true,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  validatorUrl: null,
  onComplete() {
    if (key) ui.preauthorizeApiKey("ApiKey", key);
  },
});
