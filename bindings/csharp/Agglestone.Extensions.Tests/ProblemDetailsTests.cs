using System;
using System.Collections.Generic;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Security.Claims;
using System.Text.Json;
using System.Threading.Tasks;

using Agglestone.Tests;

using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

using NUnit.Framework;

namespace Agglestone.Extensions.Tests;

/// <summary>What the callers of an application see, over HTTP.</summary>
public sealed class ProblemDetailsTests
{
    private const string Amelia = "b95816fe-f4ab-49ac-889a-e6a161005339";

    [SetUp]
    public Task Reset() => Emulator.ResetAsync();

    [TestCase(404, 404)]
    [TestCase(409, 409)]
    [TestCase(429, 429)]
    [TestCase(403, 403)]
    [TestCase(401, 502)]
    [TestCase(500, 502)]
    [TestCase(200, 502)]
    public async Task ErrorsOfTheServiceBecomeWhatTheCallerShouldSee(int answered, int seen)
    {
        await using var host = await StartAsync();
        var headers = new Dictionary<string, string> { ["Retry-After"] = "120" };
        await Emulator.FaultAsync(new { path = "*/Users/*", status = answered, times = 20, headers, body = new[] { "planted words" } });
        using var response = await host.Http.GetAsync(new Uri($"users/{Amelia}", UriKind.Relative));
        var text = await response.Content.ReadAsStringAsync();
        Assert.That((int)response.StatusCode, Is.EqualTo(seen), text);
        using var problem = JsonDocument.Parse(text);
        Assert.That(problem.RootElement.GetProperty("status").GetInt32(), Is.EqualTo(seen));
        Assert.That(response.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/problem+json"));
        Assert.That(text, Does.Not.Contain("key").IgnoreCase.And.Not.Contain("planted").And.Not.Contain(Amelia));
        Assert.That(response.Headers.RetryAfter?.Delta, Is.EqualTo(seen == 429 ? TimeSpan.FromSeconds(120) : (TimeSpan?)null));
    }

    [TestCase("http://127.0.0.1:1", 502)]
    [TestCase(null, 504)]
    public async Task NoAnswerIsABadGatewayAndALateOneATimeout(string? url, int seen)
    {
        await Emulator.FaultAsync(new { path = "*/Users/*", delayMs = 20_000, times = 5 });
        await using var host = await StartAsync(("Agglestone:BaseUrl", url ?? Emulator.Url), ("Agglestone:Deadline", "00:00:00.3"));
        using var response = await host.Http.GetAsync(new Uri($"users/{Amelia}", UriKind.Relative));
        Assert.That((int)response.StatusCode, Is.EqualTo(seen));
    }

    [Test]
    public async Task AnIdThatCannotBeSentIsTheCallersMistakeAndAnythingElseTheApplications()
    {
        await using var host = await StartAsync();
        using var refused = await host.Http.GetAsync(new Uri("users/%252e%252e", UriKind.Relative));
        Assert.That((int)refused.StatusCode, Is.EqualTo(400));
        using var broken = await host.Http.GetAsync(new Uri("broken", UriKind.Relative));
        Assert.That((int)broken.StatusCode, Is.EqualTo(500));
    }

    [Test]
    public async Task TheSignedInUsersCallsAreMadeWithThatUsersToken()
    {
        await using var host = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("me", UriKind.Relative));
        request.Headers.Authorization = new AuthenticationHeaderValue("Test", Amelia);
        using var response = await host.Http.SendAsync(request);
        using var user = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.That(user.RootElement.GetProperty("userId").GetString(), Is.EqualTo(Amelia));
        Assert.That((await Emulator.RequestsAsync())[^1].GetProperty("credential").GetString(), Is.EqualTo("bearer"));
    }

    private static Task<Host> StartAsync(params (string Name, string? Value)[] settings) => Host.StartAsync(
        (services, configuration) =>
        {
            services.AddAgglestone(configuration.GetSection("Agglestone"));
            services.AddAgglestoneProblemDetails();
            services.AddAgglestoneSignedInUser();
        },
        app =>
        {
            app.UseExceptionHandler();
            app.Use((context, next) =>
            {
                // In place of a real authentication.
                if (AuthenticationHeaderValue.TryParse(context.Request.Headers.Authorization, out var given))
                {
                    context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", given.Parameter!)], "Test"));
                }

                return next(context);
            });
            app.MapGet("/users/{id}", (string id, AgglestoneClient client) => client.GetUserAsync(id));
            app.MapGet("/me", (AgglestoneUserClient me) => me.GetUserAsync(me.UserId));
            app.MapGet("/broken", string () => throw new InvalidOperationException());
        },
        settings);
}
