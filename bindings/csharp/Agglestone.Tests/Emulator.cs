using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;

namespace Agglestone.Tests;

/// <summary>The running emulator that the environment names, and its control API.</summary>
internal static class Emulator
{
    /// <summary>Long enough for any machine; nothing is asserted about time.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly HttpClient Control = new(new HttpClientHandler { UseProxy = false })
    {
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", Variable("AGG_TEST_CONTROL_TOKEN")) },
    };

    internal static string Url => Variable("AGG_TEST_EMULATOR_URL");

    internal static string TenantId => Variable("AGG_TEST_TENANT_ID");

    internal static string PrimaryKey => Variable("AGG_TEST_PRIMARY_KEY");

    internal static string SecondaryKey => Variable("AGG_TEST_SECONDARY_KEY");

    /// <summary>Options for the emulator's tenant.</summary>
    internal static AgglestoneClientOptions Options() => new() { TenantId = TenantId, ApiKey = PrimaryKey, BaseUrl = Url };

    /// <summary>A client of the emulator's tenant.</summary>
    internal static AgglestoneClient NewClient() => new(Options());

    internal static Task ResetAsync() => SendAsync(HttpMethod.Post, "reset", null);

    /// <summary>Generates a key in a slot, "primary" or "secondary": the old one is dead at once.</summary>
    internal static async Task<string> GenerateKeyAsync(string slot)
    {
        using var answer = JsonDocument.Parse(await SendAsync(HttpMethod.Post, $"keys/{slot}", null));
        return answer.RootElement.GetProperty("apiKey").GetString()!;
    }

    /// <summary>Makes matching requests go wrong.</summary>
    internal static Task FaultAsync(object fault) => SendAsync(HttpMethod.Post, "faults", JsonSerializer.Serialize(fault));

    /// <summary>Answers the next users request with this body.</summary>
    internal static Task AnswerAsync(string body) =>
        SendAsync(HttpMethod.Post, "faults", $$"""{"path": "*/Users*", "status": 200, "body": {{body}}}""");

    /// <summary>The requests since the last reset.</summary>
    internal static async Task<List<JsonElement>> RequestsAsync()
    {
        using var journal = JsonDocument.Parse(await SendAsync(HttpMethod.Get, "requests", null));
        return journal.RootElement.EnumerateArray().Select(entry => entry.Clone()).ToList();
    }

    /// <summary>Returns when that many requests have arrived.</summary>
    internal static Task ArrivedAsync(int count) =>
        UntilAsync(async () => (await RequestsAsync()).Count >= count, $"{count} requests at the emulator");

    /// <summary>Returns when something holds; fails when it never does.</summary>
    internal static async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        var end = DateTime.UtcNow + Patience;
        while (!await holds())
        {
            if (DateTime.UtcNow > end)
            {
                throw new TimeoutException($"waited in vain for {what}");
            }

            await Task.Delay(5);
        }
    }

    private static string Variable(string name) =>
        Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"{name} is not set: these tests need a running emulator");

    private static async Task<string> SendAsync(HttpMethod method, string path, string? json)
    {
        using var request = new HttpRequestMessage(method, $"{Url}/_emulator/{path}");
        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }

        using var response = await Control.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? text : throw new InvalidOperationException($"{method} {path}: {(int)response.StatusCode} {text}");
    }
}
