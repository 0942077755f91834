// The same page by HttpClient, read into types as the client does: `httpclient`.
using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

var work = new Work(args);
if (work.Way != "httpclient")
{
    throw new ArgumentException($"no way is called {work.Way}");
}

using var handler = new SocketsHttpHandler();
if (Environment.GetEnvironmentVariable("AGGLESTONE_CA_FILE") is { } file)
{
    var policy = new X509ChainPolicy
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        RevocationMode = X509RevocationMode.NoCheck,
    };
    policy.CustomTrustStore.ImportFromPem(File.ReadAllText(file));
    handler.SslOptions.CertificateChainPolicy = policy;
}

using var client = new HttpClient(handler);
if (Environment.GetEnvironmentVariable("BENCH_HTTP2") is not null)
{
    client.DefaultRequestVersion = HttpVersion.Version20;
}

client.DefaultRequestHeaders.Add("X-API-Key", Environment.GetEnvironmentVariable("AGGLESTONE_API_KEY"));
var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
var url = new Uri(Work.PageUrl);
await work.Awaited(async () =>
{
    var page = await client.GetFromJsonAsync<Page>(url, options);
    if (page is null || page.Data.Count == 0)
    {
        throw new InvalidDataException("the page is empty");
    }
});

internal sealed record Page(List<User> Data, int PageNumber, int PageSize, int TotalRecords);

internal sealed record User(
    string UserId,
    string? Email,
    string? DisplayName,
    string? UserType,
    bool? Enabled,
    DateTimeOffset? LastLoggedIn,
    DateTimeOffset? LastTokenRefresh,
    bool? Owner,
    bool? RequirePasswordReset);
