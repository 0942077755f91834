using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

using Agglestone.Tests;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

using NUnit.Framework;

namespace Agglestone.Extensions.Tests;

/// <summary>The C# of the READMEs and of the pages in docs/: each block stands in this file too, where it is compiled and run.</summary>
public sealed class ReadmeTests
{
    private static readonly string[] Readmes =
    [
        "README.md", "Agglestone.Extensions/README.md", "Agglestone.AspNetCore/README.md",
        "../../docs/csharp.md", "../../docs/porting.md",
    ];

    private static readonly string[] KeyFiles = ["AGGLESTONE_API_KEY_FILE", "AGGLESTONE_SECONDARY_API_KEY_FILE"];

    private readonly Dictionary<string, string> environment = new()
    {
        ["AGGLESTONE_TENANT_ID"] = Emulator.TenantId,
        ["AGGLESTONE_API_KEY"] = Emulator.PrimaryKey,
        ["AGGLESTONE_BASE_URL"] = Emulator.Url,
    };

    [SetUp]
    public Task SetEnvironment()
    {
        foreach (var (name, value) in environment)
        {
            Environment.SetEnvironmentVariable(name, value);
        }

        return Emulator.ResetAsync();
    }

    [TearDown]
    public void ClearEnvironment()
    {
        foreach (var name in environment.Keys.Concat(KeyFiles))
        {
            Environment.SetEnvironmentVariable(name, null);
        }
    }

    [Test]
    public void EveryBlockStandsInThisFile()
    {
        var here = Lines(File.ReadAllText(ThisFile()));
        var found = 0;
        foreach (var readme in Readmes)
        {
            var text = File.ReadAllText(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", readme));
            foreach (var block in text.Split("```csharp\n").Skip(1).Select(rest => rest.Split("```")[0]))
            {
                found++;
                Assert.That(here, Does.Contain(Lines(block.Replace("using Agglestone;\n", ""))), $"{readme}:\n{block}");
            }
        }

        Assert.That(found, Is.EqualTo(14));
    }

    [Test]
    public async Task TheQuickstartRuns()
    {
        using var client = new AgglestoneClient(); // AGGLESTONE_TENANT_ID and AGGLESTONE_API_KEY

        Page<User> page = await client.GetUsersAsync(pageNumber: 1, pageSize: 20);
        User user = await client.GetUserAsync(page.Data[0].UserId);
        var token = await client.ExchangeApiKeyForTokenAsync(user.UserId);

        await foreach (var each in client.IterateUsersAsync())
        {
            Console.WriteLine(each.Email);
        }

        var created = await client.RequestAsync(
            new AgglestoneRequest(HttpMethod.Post, "api/v2.0/Users") { Json = """{"email": "jane@example.com"}""" });
        Console.WriteLine($"{created.StatusCode} {created.ReadAsJson(AgglestoneJson.User)!.UserId}");
        Assert.That(token, Is.Not.Empty);
    }

    [Test]
    public async Task ThePageOfTheLanguageRuns()
    {
        using var client = new AgglestoneClient(); // from AGGLESTONE_TENANT_ID and AGGLESTONE_API_KEY

        var page = await client.GetUsersAsync(pageNumber: 1, pageSize: 20);
        Console.WriteLine($"{page.TotalRecords} users, of which {page.Data.Count} are here");

        var userId = page.Data[0].UserId;

        var self = await client.AsUser(userId).GetUserAsync(userId);
        Console.WriteLine(self.Email);

        var token = await client.GetTokenAsync(userId);
        Console.WriteLine($"valid until {token.ExpiresAt}");

        try
        {
            var claims = await client.VerifyTokenAsync(token.Value);
            Console.WriteLine($"{claims.UserId} {string.Join(' ', claims.Groups)}");
        }
        catch (AgglestoneInvalidTokenException exception)
        {
            Console.WriteLine($"401: {exception.Reason}");
        }
        catch (AgglestoneKeysUnavailableException)
        {
            Console.WriteLine("503");
        }

        try
        {
            await client.GetUserAsync("nobody");
        }
        catch (AgglestoneNotFoundException)
        {
            Console.WriteLine("no such user");
        }
        catch (AgglestoneRateLimitedException exception)
        {
            Console.WriteLine($"again in {exception.RetryAfter}");
        }
        catch (AgglestoneException exception)
        {
            Console.WriteLine($"{(int)exception.Code} {exception.Code} {exception.RequestId} {exception.IsRetryable}");
            throw;
        }

        var quick = client.With(new() { Timeout = TimeSpan.FromSeconds(2), Deadline = TimeSpan.FromSeconds(5), MaxRetries = 0 });
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await quick.GetUsersAsync(cancellationToken: limit.Token);

        Assert.That(self.UserId, Is.EqualTo(userId));
    }

    [Test]
    public async Task TheLoopGoesThroughARotation()
    {
        var folder = Directory.CreateTempSubdirectory();
        Environment.SetEnvironmentVariable("AGGLESTONE_API_KEY", null);
        foreach (var (variable, slot, key) in KeyFiles.Zip(["primary", "secondary"], [Emulator.PrimaryKey, Emulator.SecondaryKey]))
        {
            var file = Path.Combine(folder.FullName, slot);
            await File.WriteAllTextAsync(file, key);
            Environment.SetEnvironmentVariable(variable, file);
        }

        var replaced = ReplaceBothKeysAsync(folder.FullName);

        using var client = new AgglestoneClient(); // from AGGLESTONE_API_KEY_FILE and AGGLESTONE_SECONDARY_API_KEY_FILE
        Console.WriteLine("Replace both keys now.");
        var calls = 0;
        while (client.KeyUsage().Replacements < 2)
        {
            await client.GetUsersAsync();
            calls++;
            await Task.Delay(20);
        }

        Console.WriteLine($"{calls} calls, none failed");
        await replaced;
        folder.Delete(recursive: true);
    }

    [Test]
    public async Task TheGuidesProgramAndThePortedOneGetTheSame()
    {
        using var http = new HttpClient();
        http.BaseAddress = new Uri($"{Environment.GetEnvironmentVariable("AGGLESTONE_BASE_URL")}/tenant/{Environment.GetEnvironmentVariable("AGGLESTONE_TENANT_ID")}/");
        http.DefaultRequestHeaders.Add("X-API-Key", Environment.GetEnvironmentVariable("AGGLESTONE_API_KEY"));

        using var users = await http.GetFromJsonAsync<JsonDocument>("api/v2.0/Users?pageNumber=1&pageSize=20");
        var id = users!.RootElement.GetProperty("data")[0].GetProperty("userId").GetString();

        using var answer = await http.PostAsJsonAsync("v2.0/Auth/token-exchange", new { userId = id });
        answer.EnsureSuccessStatusCode();
        using var exchanged = await answer.Content.ReadFromJsonAsync<JsonDocument>();
        var oldToken = exchanged!.RootElement.GetProperty("token").GetString();

        using var ported = new AgglestoneClient();
        var listed = await ported.GetUsersAsync(1, 20);
        var newToken = await ported.ExchangeApiKeyForTokenAsync(listed.Data[0].UserId);

        Assert.That(listed.Data[0].UserId, Is.EqualTo(id));
        Assert.That(new[] { oldToken, newToken }, Has.All.Not.Empty);
    }

    [Test]
    public async Task TheApplicationRuns()
    {
        var builder = NewBuilder();
        builder.Services.AddAgglestone(builder.Configuration.GetSection(AgglestoneClientOptions.SectionName));
        var app = builder.Build();

        app.MapGet("/users", (AgglestoneClient client, CancellationToken aborted) => client.GetUsersAsync(cancellationToken: aborted));
        Assert.That(await GetAsync(app, "users"), Does.Contain("amelia.hart@example.com"));
    }

    [Test]
    public async Task TheServicesAreThere()
    {
        var builder = NewBuilder();
        builder.Services.AddAgglestone(builder.Configuration.GetSection("Agglestone"));
        builder.Services.AddKeyedAgglestone("partner", builder.Configuration.GetSection("Partner"));
        builder.Services.AddHealthChecks().AddAgglestone();
        builder.Services.AddHttpClient("orders").AddAgglestoneUserToken("b95816fe-f4ab-49ac-889a-e6a161005339");
        await using var app = builder.Build();
        Assert.That((await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Status, Is.EqualTo(HealthStatus.Healthy));
        Assert.That(app.Services.GetRequiredKeyedService<AgglestoneClient>("partner").GetUsers().Data, Is.Not.Empty);
        Assert.That(app.Services.GetRequiredService<IHttpClientFactory>().CreateClient("orders"), Is.Not.Null);
    }

    [Test]
    public async Task TheProblemDetailsAreThere()
    {
        var builder = NewBuilder();
        builder.Services.AddAgglestone(builder.Configuration.GetSection("Agglestone"));
        builder.Services.AddAgglestoneProblemDetails();
        builder.Services.AddAgglestoneSignedInUser();
        var app = builder.Build();

        app.UseExceptionHandler();
        app.MapGet("/users/{id}", (string id, AgglestoneClient client) => client.GetUserAsync(id));
        app.MapGet("/me", (AgglestoneUserClient me) => me.GetUserAsync(me.UserId));
        Assert.That(await GetAsync(app, "users/nobody"), Does.Contain("Not Found"));
    }

    [Test]
    public async Task UsersAreSignedIn()
    {
        var builder = NewBuilder();
        builder.Services.AddAgglestone(builder.Configuration.GetSection("Agglestone"));
        builder.Services.AddAuthentication().AddAgglestoneBearer();
        builder.Services.AddAuthorization();
        var app = builder.Build();

        app.MapGet("/me", (ClaimsPrincipal user) => user.FindFirstValue(ClaimTypes.NameIdentifier)).RequireAuthorization();
        app.MapGet("/admin", () => "for administrators").RequireAuthorization(policy => policy.RequireRole("Admin"));
        var token = await app.Services.GetRequiredService<AgglestoneClient>()
            .ExchangeApiKeyForTokenAsync("b95816fe-f4ab-49ac-889a-e6a161005339");
        Assert.That(await GetAsync(app, "admin", token), Is.EqualTo("for administrators"));
    }

    [Test]
    public async Task TheFakeIsOne()
    {
        var fake = new FakeClient();
        Assert.That((await fake.GetUserAsync("u-1")).Email, Is.EqualTo("jane@example.com"));
        Assert.ThrowsAsync<AgglestoneNotFoundException>(() => fake.GetUserAsync("u-2"));
    }

    // The second one once the first is in use.
    private static async Task ReplaceBothKeysAsync(string folder)
    {
        try
        {
            await UntilUsedAsync(Emulator.PrimaryKey);
            var primary = await Emulator.GenerateKeyAsync("primary");
            await File.WriteAllTextAsync(Path.Combine(folder, "primary"), primary);
            await UntilUsedAsync(primary);
            await File.WriteAllTextAsync(Path.Combine(folder, "secondary"), await Emulator.GenerateKeyAsync("secondary"));
        }
        catch (TimeoutException)
        {
            // The loop, which is told nothing, ends with this.
            await Task.WhenAll(Emulator.GenerateKeyAsync("primary"), Emulator.GenerateKeyAsync("secondary"));
            throw;
        }
    }

    private static Task UntilUsedAsync(string key)
    {
        var fingerprint = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..8];
        bool Has(JsonElement request) =>
            string.Equals(request.GetProperty("fingerprint").GetString(), fingerprint, StringComparison.OrdinalIgnoreCase);
        return Emulator.UntilAsync(async () => (await Emulator.RequestsAsync()).Exists(Has), $"a request with the key {fingerprint}");
    }

    private static WebApplicationBuilder NewBuilder()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        return builder;
    }

    private static async Task<string> GetAsync(WebApplication app, string path, string? token = null)
    {
        await using (app)
        {
            await app.StartAsync();
            using var http = new HttpClient(new HttpClientHandler { UseProxy = false }) { BaseAddress = new Uri(app.Urls.Single()) };
            http.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
            using var response = await http.GetAsync(new Uri(path, UriKind.Relative));
            return await response.Content.ReadAsStringAsync();
        }
    }

    // Without indentation and empty lines.
    private static string Lines(string text) =>
        string.Join('\n', text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));

    private static string ThisFile([CallerFilePath] string path = "") => path;

    internal sealed class FakeClient : AgglestoneClient
    {
        public override Task<User> GetUserAsync(string userId, CancellationToken cancellationToken = default) =>
            userId == "u-1"
                ? Task.FromResult(AgglestoneModelFactory.User("u-1", email: "jane@example.com"))
                : throw new AgglestoneNotFoundException("no such user");
    }
}
